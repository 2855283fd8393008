// OHIF's settings for a gateway that serves it at /viewer: its own DICOMweb, and nothing else.

const dermoscopicPhotography = "1.2.840.10008.5.1.4.1.1.77.1.7";
const keyOfThePages = "dermgate-key";

window.config = {
  name: "dermgate",
  routerBasename: "/viewer",
  showStudyList: true,
  extensions: [
    {
      id: "dermgate",
      preRegistration({ extensionManager, servicesManager }) {
        // OHIF shows the classes on its own list; this one is not on it.
        const stack = extensionManager.getModuleEntry("@ohif/extension-default.sopClassHandlerModule.stack");
        stack.sopClassUids.push(dermoscopicPhotography);
        // The key that somebody gave to the gateway's pages in this tab is the viewer's as well.
        const key = sessionStorage.getItem(keyOfThePages);
        if (key) {
          servicesManager.services.userAuthenticationService.setServiceImplementation({
            getAuthorizationHeader: () => ({ Authorization: `Bearer ${key}` }),
          });
        }
      },
    },
  ],
  modes: [],
  customizationService: {},
  maxNumberOfWebWorkers: 3,
  maxNumRequests: { interaction: 100, thumbnail: 5, prefetch: 10 },
  showWarningMessageForCrossOrigin: false,
  showCPUFallbackMessage: false,
  showLoadingIndicator: true,
  investigationalUseDialog: { option: "always" },
  strictZSpacingForVolumeViewport: true,
  defaultDataSourceName: "dermgate",
  dataSources: [
    {
      namespace: "@ohif/extension-default.dataSourcesModule.dicomweb",
      sourceName: "dermgate",
      configuration: {
        friendlyName: "Dermgate",
        name: "dermgate",
        wadoUriRoot: "/dicom-web",
        qidoRoot: "/dicom-web",
        wadoRoot: "/dicom-web",
        qidoSupportsIncludeField: true,
        supportsFuzzyMatching: false,
        supportsWildcard: true,
        supportsReject: false,
        dicomUploadEnabled: false,
        enableStudyLazyLoad: true,
        imageRendering: "wadors",
        thumbnailRendering: "wadors",
        omitQuotationForMultipartRequest: true,
        singlepart: "bulkdata,video",
        bulkDataURI: { enabled: true, relativeResolution: "studies" },
      },
    },
  ],
};
